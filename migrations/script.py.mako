"""${message}

Expand first, contract a release later: the code of the previous release keeps running while this is applied.
Long-lived locks are refused (lock_timeout 4 s): build indexes on large tables concurrently, in an autocommit block.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
