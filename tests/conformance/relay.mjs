// The Relay compiler accepts our schemas: the application's, and the scratch one with pages and refetching.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { assert, check, done, title } from './check.mjs';

const root = new URL('../../', import.meta.url);
const work = pathToFileURL(`${process.env.FOLDER}/relay/`); // not below node_modules, which the compiler leaves out

function compile(name, schema, sources) {
  const folder = new URL(`${name}/`, work);
  mkdirSync(new URL('src/', folder), { recursive: true });
  cpSync(schema, new URL('schema.graphql', folder));
  sources.forEach((text, place) => writeFileSync(new URL(`src/source${place}.js`, folder), `graphql\`${text}\`;\n`));
  const config = { src: './src', schema: './schema.graphql', language: 'javascript', artifactDirectory: './made', eagerEsModules: true };
  mkdirSync(new URL('made/', folder));
  writeFileSync(new URL('relay.config.json', folder), JSON.stringify(config));
  const run = spawnSync('node', [new URL('node_modules/relay-compiler/cli.js', import.meta.url).pathname], { cwd: folder, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  return readdirSync(new URL('made/', folder)).length;
}

const PAGES = `
fragment source0_rides on Query @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
@refetchable(queryName: "source0RidesQuery") {
  rides(first: $count, after: $cursor) @connection(key: "source0_rides") { edges { cursor node { id ...source1_ride } } pageInfo { endCursor hasNextPage } }
}`;
const NODE = `fragment source1_ride on Ride @refetchable(queryName: "source1RideQuery") { id title }`;
const QUERY = `query source2Query { ...source0_rides hello }`;
const MUTATION = `mutation source3Mutation { signIn }`;
const SUBSCRIPTION = `subscription source4Subscription { ticks(count: 3) }`;

title('relay-compiler');
await check('scratch schema: connection, refetchable node, mutation, subscription', () => {
  const made = compile('scratch', pathToFileURL(`${process.env.FOLDER}/scratch.graphql`), [PAGES, NODE, QUERY, MUTATION, SUBSCRIPTION]);
  assert.ok(made >= 7, `${made} artefacts`);
});
await check('schema.graphql', () => {
  const me = 'fragment source0_me on User @refetchable(queryName: "source0MeQuery") { id name email }';
  const made = compile('application', new URL('schema.graphql', root), [me, 'query source1Query { viewer { ...source0_me } }']);
  assert.ok(made >= 3, `${made} artefacts`);
});
done();
