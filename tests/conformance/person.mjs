// A person signs up and in through the application, as a front end does it: by the hashes of the documents that it was built with.
import { readFileSync } from 'node:fs';
import { assert, check, done, title } from './check.mjs';

const manifest = JSON.parse(readFileSync(new URL('../../graphql/manifest.json', import.meta.url)));
const hashes = Object.fromEntries(Object.entries(manifest).map(([hash, file]) => [file.replace('.graphql', ''), hash]));
const account = { email: 'ada@example.org', password: 'lamp-orbit-canoe-77' };

async function send(name, variables, headers = {}) {
  const response = await fetch(process.env.APP, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ documentId: `sha256:${hashes[name]}`, variables }),
  });
  const body = await response.json();
  assert.equal(body.errors, undefined, JSON.stringify(body.errors));
  return { data: body.data, cookie: response.headers.get('set-cookie') };
}

title('A person, by trusted documents');
let cookie;
await check('signs up, verifies and signs in', async () => {
  const { signUp } = (await send('SignUp', { input: { ...account, name: 'Ada' } })).data;
  assert.deepEqual(signUp.errors, []);
  const { verifyEmail } = (await send('VerifyEmail', { input: { token: signUp.link.split('/').at(-1), password: account.password } })).data;
  assert.deepEqual(verifyEmail.errors, []);
  const signedIn = await send('SignIn', { input: { ...account, transport: 'COOKIE' } });
  assert.deepEqual(signedIn.data.signIn.errors, []);
  cookie = signedIn.cookie.split(';')[0];
});
await check('is recognised by the cookie, from our own origin only', async () => {
  const origin = new URL(process.env.APP).origin;
  const { viewer } = (await send('Viewer', {}, { cookie, origin })).data;
  assert.equal(viewer.email, account.email);
  await assert.rejects(send('Viewer', {}, { cookie, origin: 'https://evil.example' }));
  await assert.rejects(send('Viewer', {}, { cookie }));
});
done();
