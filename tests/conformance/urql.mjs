import { Client, fetchExchange, gql } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { assert, check, done, title } from './check.mjs';

const { SCRATCH, STRICT, APQ } = process.env;

function client(url, exchanges = [], more = {}) {
  return new Client({ url, exchanges: [...exchanges, fetchExchange], preferGetMethod: false, fetchSubscriptions: true, ...more });
}

function collect(source) {
  return new Promise((resolve, reject) => {
    const found = [];
    const { unsubscribe } = source.subscribe((result) => {
      if (result.error) reject(result.error);
      else found.push(result.data.ticks);
      if (found.length === 3) {
        resolve(found);
        setTimeout(unsubscribe);
      }
    });
  });
}

title('urql, with subscriptions over event streams switched on');
await check('query', async () => {
  const { data, error } = await client(SCRATCH).query(gql`query ($f: Int!) { scale(factor: $f) }`, { f: 3 }).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.scale, 3);
});
await check('mutation', async () => {
  assert.equal((await client(SCRATCH).mutation(gql`mutation { signIn }`).toPromise()).data.signIn, 'ok');
});
await check('subscription', async () => {
  assert.deepEqual(await collect(client(SCRATCH).subscription(gql`subscription { ticks(count: 3) }`)), [0, 1, 2]);
});
await check('errors arrive with their codes', async () => {
  const { error } = await client(SCRATCH).query(gql`{ private }`).toPromise();
  assert.equal(error.graphQLErrors[0].extensions.code, 'UNAUTHENTICATED');
  const { error: invalid } = await client(SCRATCH).query(gql`{ nothing }`).toPromise();
  assert.equal(invalid.graphQLErrors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
});
await check('automatic persisted query, registered by its own handshake', async () => {
  for (let round = 0; round < 2; round += 1) {
    const { data } = await client(APQ, [persistedExchange()]).query(gql`query Registered { hello }`).toPromise();
    assert.equal(data.hello, 'world');
  }
});
await check('automatic persisted query where registration is off', async () => {
  const { data } = await client(SCRATCH, [persistedExchange()]).query(gql`query Unregistered { hello }`).toPromise();
  assert.equal(data.hello, 'world');
});
await check('trusted document in strict mode, by POST and by GET', async () => {
  for (const preferGetForPersistedQueries of [false, true]) {
    const exchange = persistedExchange({ preferGetForPersistedQueries, enforcePersistedQueries: true });
    const { data, error } = await client(STRICT, [exchange]).query(gql`query Hello {\n  hello\n}`).toPromise();
    assert.equal(error, undefined);
    assert.equal(data.hello, 'world');
  }
});
done();
