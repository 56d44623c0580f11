// Sign in, the second step, sign up, forgotten password.
import { handle, show } from "./forms.js";
import { mutate } from "./graphql.js";
import { follow, turnTo } from "./panels.js";

const RETURN_TO = "return-to"; // kept for this tab while a mail's link is opened in it

export function enter(address) {
  const goal = address ?? sessionStorage.getItem(RETURN_TO) ?? "/";
  sessionStorage.removeItem(RETURN_TO);
  location.assign(goal);
  return new Promise(() => {}); // the form stays busy until the next page is there
}

function sent(text, link) {
  document.getElementById("sent-title").textContent = link ? "One more click" : "Look into your mailbox";
  document.getElementById("sent-text").textContent = text;
  const box = document.getElementById("sent-link");
  box.hidden = !link;
  document.getElementById("sent-text").hidden = Boolean(link);
  if (link) {
    const anchor = box.querySelector("a");
    anchor.href = link;
    anchor.textContent = link;
  }
  history.replaceState(null, "", location.pathname + location.search);
  turnTo("sent");
}

export function open() {
  const card = document.getElementById("entrance");
  if (!card) return;
  if (card.dataset.returnTo !== "/") sessionStorage.setItem(RETURN_TO, card.dataset.returnTo);
  follow();

  handle("sign-in", async ({ email, password, rememberMe }) => {
    try {
      const payload = await mutate("SignIn", { email, password, rememberMe, transport: "COOKIE" });
      return payload.secondFactorRequired ? turnTo("second-step") : enter();
    } catch (failure) {
      document.getElementById("resend").hidden = failure.errors?.[0].code !== "EMAIL_NOT_VERIFIED";
      throw failure;
    }
  });

  handle("second-step", async ({ code }) => {
    const digits = code.replace(/\s/g, "");
    await mutate("ConfirmSecondFactor", /^\d{6}$/.test(digits) ? { code: digits } : { recoveryCode: code.trim() });
    return enter();
  });

  document.querySelector("#resend button").addEventListener("click", async () => {
    const form = document.getElementById("sign-in");
    const email = form.elements.email.value;
    try {
      const payload = await mutate("ResendVerification", { email });
      sent(`We have sent another link to ${email}. Open it to finish.`, payload.link);
    } catch (failure) {
      show(form, failure.errors);
    }
  });

  document.getElementById("start-again").addEventListener("click", () => mutate("SignOut").catch(() => {}));

  handle("sign-up", async ({ name, email, password }) => {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const invitation = card.dataset.invitation || null;
    const payload = await mutate("SignUp", { name, email, password, timezone, locale: navigator.language || "en", invitation });
    sent(`We have sent a link to ${email}. Open it to finish.`, payload.link);
  });

  handle("forgot", async ({ email }) => {
    const payload = await mutate("RequestPasswordReset", { email });
    sent(`If there is an account for ${email}, a link to set a new password is on its way.`, payload.link);
  });
}
