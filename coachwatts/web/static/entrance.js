// Sign in, the second step, sign up, forgotten password.
import { handle } from "./forms.js";
import { mutate } from "./graphql.js";
import { follow, open } from "./panels.js";

const CONTINUE = "continue"; // where to go once signed in: kept for this tab while a mail link is opened in it

export function remember(path) {
  sessionStorage.setItem(CONTINUE, path);
}

function enter() {
  const path = sessionStorage.getItem(CONTINUE) ?? "/";
  sessionStorage.removeItem(CONTINUE);
  location.assign(path);
  return new Promise(() => {}); // the form stays busy until the next page is there
}

function sent(text, link) {
  document.getElementById("sent-text").textContent = text;
  const box = document.getElementById("sent-link");
  box.hidden = !link;
  if (link) {
    const anchor = box.querySelector("a");
    anchor.href = link;
    anchor.textContent = link;
  }
  history.replaceState(null, "", location.pathname);
  open("sent");
}

export function welcome() {
  follow();

  handle("sign-in", async ({ email, password, rememberMe }) => {
    const payload = await mutate("SignIn", { email, password, rememberMe, transport: "COOKIE" });
    if (!payload.secondFactorRequired) return enter();
    open("second-step");
  });

  handle("second-step", async ({ code }) => {
    const plain = code.replace(/\s/g, "");
    await mutate("CompleteSignIn", /^\d{6}$/.test(plain) ? { code: plain, transport: "COOKIE" } : { recoveryCode: code.trim(), transport: "COOKIE" });
    return enter();
  });

  handle("sign-up", async ({ name, email, password }) => {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const payload = await mutate("SignUp", { name, email, password, timezone, locale: navigator.language || "en" });
    sent(`We have sent a link to ${email}. Open it to finish.`, payload.link);
  });

  handle("forgot", async ({ email }) => {
    const payload = await mutate("RequestPasswordReset", { email });
    sent(`If there is an account for ${email}, a link to set a new password is on its way.`, payload.link);
  });
}
