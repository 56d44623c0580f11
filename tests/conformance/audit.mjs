// The graphql-http audit: MUST, SHOULD and MAY of GraphQL over HTTP. Every one has to pass.
import { auditServer } from 'graphql-http';
import { check, assert, done, title } from './check.mjs';

const LEVELS = ['MUST', 'SHOULD', 'MAY'];

async function audit(url) {
  const results = await auditServer({ url, fetchFn: fetch });
  const tally = LEVELS.map((level) => {
    const found = results.filter((result) => result.name.startsWith(level));
    return `${level} ${found.filter((result) => result.status === 'ok').length}/${found.length}`;
  });
  const failures = results.filter((result) => result.status !== 'ok');
  const passed = results.length - failures.length;
  console.log(`  audit: ${passed}/${results.length} (${tally.join(', ')})`);
  return { passed, total: results.length, failures };
}

title('graphql-http audit');
for (const [name, url] of [['the application', process.env.APP], ['the scratch endpoint', process.env.SCRATCH]]) {
  await check(`${name} passes all 61`, async () => {
    const { passed, total, failures } = await audit(url);
    assert.deepEqual(failures.map(({ id, name, reason }) => `${id} ${name}: ${reason}`), []);
    assert.deepEqual([passed, total], [61, 61]);
  });
}
await check('with the status codes of the newer draft every MUST still passes', async () => {
  const { failures } = await audit(process.env.DRAFT);
  assert.deepEqual(failures.filter((failure) => failure.name.startsWith('MUST')), []);
});
done();
