import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createHash } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { assert, check, done, title } from './check.mjs';

const { SCRATCH, STRICT, APQ } = process.env;
const HELLO = gql`query Hello { hello }`;

function client(uri, ...links) {
  return new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.from([...links, new HttpLink({ uri })]) });
}

function persisted() {
  return new PersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex') });
}

title('Apollo Client');
await check('query', async () => {
  const { data } = await client(SCRATCH).query({ query: gql`query ($f: Int!) { scale(factor: $f) item { id name } }`, variables: { f: 3 } });
  assert.equal(data.scale, 3);
  assert.equal(data.item.__typename, 'Item');
});
await check('mutation', async () => {
  const { data } = await client(SCRATCH).mutate({ mutation: gql`mutation { signIn }` });
  assert.equal(data.signIn, 'ok');
});
await check('pages of a connection, merged by fetchMore', async () => {
  const query = gql`query ($after: String) { rides(first: 3, after: $after) { edges { node { id title } } pageInfo { endCursor hasNextPage } } }`;
  const apollo = client(SCRATCH);
  const titles = [];
  let page = { hasNextPage: true, endCursor: null };
  while (page.hasNextPage) {
    const { data } = await apollo.query({ query, variables: { after: page.endCursor } });
    titles.push(...data.rides.edges.map((edge) => edge.node.title));
    page = data.rides.pageInfo;
  }
  assert.deepEqual(titles, [0, 1, 2, 3, 4, 5, 6].map((number) => `Ride ${number}`));
});
await check('errors arrive with their codes', async () => {
  await assert.rejects(client(SCRATCH).query({ query: gql`{ private }` }), (error) => {
    assert.ok(CombinedGraphQLErrors.is(error));
    return error.errors[0].extensions.code === 'UNAUTHENTICATED';
  });
});
await check('automatic persisted query, registered by its own handshake', async () => {
  const query = gql`query Registered { hello }`;
  for (let round = 0; round < 2; round += 1) assert.equal((await client(APQ, persisted()).query({ query })).data.hello, 'world');
});
await check('automatic persisted query where registration is off', async () => {
  assert.equal((await client(SCRATCH, persisted()).query({ query: gql`query Unregistered { hello }` })).data.hello, 'world');
});
await check('trusted document in strict mode', async () => {
  assert.equal((await client(STRICT, persisted()).query({ query: HELLO })).data.hello, 'world');
});
await check('anything else is refused in strict mode', async () => {
  await assert.rejects(client(STRICT, persisted()).query({ query: gql`query Other { hello }` }));
});
await check('subscription over WebSocket', async () => {
  const socket = createClient({ url: SCRATCH.replace('http', 'ws'), webSocketImpl: WebSocket });
  const apollo = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(socket) });
  const numbers = await new Promise((resolve, reject) => {
    const found = [];
    apollo.subscribe({ query: gql`subscription { ticks(count: 3) }` }).subscribe({
      next: ({ data, error }) => (error ? reject(error) : found.push(data.ticks)),
      error: reject,
      complete: () => resolve(found),
    });
  });
  assert.deepEqual(numbers, [0, 1, 2]);
  await socket.dispose();
});
done();
