import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { assert, check, done, title } from './check.mjs';

const url = process.env.SCRATCH.replace('http', 'ws');

function client(more = {}) {
  return createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...more });
}

async function all(socket, payload) {
  const found = [];
  for await (const result of socket.iterate(payload)) found.push(result);
  return found;
}

title('graphql-ws');
await check('query', async () => {
  const [{ data }] = await all(client(), { query: 'query ($f: Int!) { scale(factor: $f) }', variables: { f: 3 } });
  assert.deepEqual(data, { scale: 3 });
});
await check('mutation', async () => {
  const [{ data }] = await all(client(), { query: 'mutation { signIn }' });
  assert.deepEqual(data, { signIn: 'no cookie here' });
});
await check('subscription', async () => {
  const results = await all(client(), { query: 'subscription { ticks(count: 3) }' });
  assert.deepEqual(results.map(({ data }) => data.ticks), [0, 1, 2]);
});
await check('several at once on one socket', async () => {
  const socket = client({ lazy: false });
  const runs = await Promise.all([1, 2, 3].map(() => all(socket, { query: 'subscription { ticks(count: 5, pause: 0.01) }' })));
  assert.deepEqual(runs.map((run) => run.length), [5, 5, 5]);
  await socket.dispose();
});
await check('a subscription that is left goes on nowhere', async () => {
  const socket = client({ lazy: false });
  for await (const { data } of socket.iterate({ query: 'subscription { ticks(count: 100, pause: 0.01) }' })) if (data.ticks === 2) break;
  const [{ data }] = await all(socket, { query: '{ hello }' });
  assert.deepEqual(data, { hello: 'world' });
  await socket.dispose();
});
await check('authorization by connectionParams', async () => {
  const [{ data }] = await all(client({ connectionParams: { authorization: 'ada' } }), { query: '{ private }' });
  assert.deepEqual(data, { private: 'ada' });
});
await check('an invalid operation is an error, not the end of the socket', async () => {
  const socket = client({ lazy: false });
  await assert.rejects(all(socket, { query: '{ nothing }' }), (errors) => errors[0].extensions.code === 'GRAPHQL_VALIDATION_FAILED');
  assert.equal((await all(socket, { query: '{ hello }' })).length, 1);
  await socket.dispose();
});
await check('a page elsewhere is refused', async () => {
  class Elsewhere extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { origin: 'https://evil.example' });
    }
  }
  await assert.rejects(all(client({ webSocketImpl: Elsewhere }), { query: '{ hello }' }));
});
done();
