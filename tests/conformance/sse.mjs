import { createClient } from 'graphql-sse';
import { assert, check, done, title } from './check.mjs';

function client(more = {}) {
  return createClient({ url: process.env.SCRATCH, retryAttempts: 0, ...more });
}

async function all(events, payload) {
  const found = [];
  for await (const result of events.iterate(payload)) found.push(result);
  return found;
}

title('graphql-sse, distinct connections');
await check('query', async () => {
  const [{ data }] = await all(client(), { query: 'query ($f: Int!) { scale(factor: $f) }', variables: { f: 3 } });
  assert.deepEqual(data, { scale: 3 });
});
await check('subscription', async () => {
  const results = await all(client(), { query: 'subscription { ticks(count: 3) }' });
  assert.deepEqual(results.map(({ data }) => data.ticks), [0, 1, 2]);
});
await check('authorization by header', async () => {
  const [{ data }] = await all(client({ headers: { authorization: 'ada' } }), { query: '{ private }' });
  assert.deepEqual(data, { private: 'ada' });
});
await check('a subscription that is left', async () => {
  for await (const { data } of client().iterate({ query: 'subscription { ticks(count: 100, pause: 0.01) }' })) if (data.ticks === 2) break;
});
await check('an invalid operation is refused', async () => {
  await assert.rejects(all(client(), { query: 'subscription { nothing }' }));
});
done();
