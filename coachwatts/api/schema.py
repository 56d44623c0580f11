"""The schema: each concept brings its fields, this file only joins them."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from coachwatts.api.athletes.joined import AthleteMutations
from coachwatts.api.identity.account import AccountMutations
from coachwatts.api.identity.admin_link import AdminLinkMutations
from coachwatts.api.identity.confirmation import ConfirmationMutations
from coachwatts.api.identity.email import EmailMutations
from coachwatts.api.identity.logins import LoginMutations, LoginQueries
from coachwatts.api.identity.passwords import PasswordMutations
from coachwatts.api.identity.queries import IdentityQueries
from coachwatts.api.identity.second_factor import SecondFactorMutations
from coachwatts.api.identity.sessions import SessionMutations
from coachwatts.api.identity.sign_in import SignInMutations
from coachwatts.api.identity.sign_up import SignUpMutations
from coachwatts.api.identity.subscriptions import IdentitySubscriptions
from coachwatts.api.identity.tokens import TokenMutations
from coachwatts.api.jobs.mutations import JobMutations
from coachwatts.api.jobs.queries import JobQueries
from coachwatts.api.node import NodeQueries
from coachwatts.api.scalars import SCALARS
from coachwatts.api.trust.accounts import AccountQueries
from coachwatts.api.trust.administration import AdministrationMutations
from coachwatts.api.trust.coaching_mutations import CoachingMutations
from coachwatts.api.trust.consents import ConsentMutations, ConsentQueries
from coachwatts.api.trust.deletion import DeletionMutations
from coachwatts.api.trust.queries import TrustQueries


@strawberry.type(description="What can be read.")
class Query(IdentityQueries, LoginQueries, TrustQueries, ConsentQueries, AccountQueries, JobQueries, NodeQueries):
    pass


@strawberry.type(description="What can be changed. Every mutation takes one input and answers one payload.")
class Mutation(
    SignUpMutations,
    SignInMutations,
    PasswordMutations,
    EmailMutations,
    AccountMutations,
    ConfirmationMutations,
    SessionMutations,
    SecondFactorMutations,
    TokenMutations,
    LoginMutations,
    AdminLinkMutations,
    ConsentMutations,
    CoachingMutations,
    DeletionMutations,
    AdministrationMutations,
    JobMutations,
    AthleteMutations,
):
    pass


@strawberry.type(description="What can be followed. The first event is the state of now.")
class Subscription(IdentitySubscriptions):
    pass


schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALARS))
