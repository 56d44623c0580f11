import { open } from "./entrance.js";
import { handle } from "./forms.js";
import { Failed, mutate } from "./graphql.js";

open();

for (const name of Intl.supportedValuesOf?.("timeZone") ?? []) {
  const option = document.createElement("option");
  option.value = name;
  document.getElementById("timezones")?.append(option);
}

handle("profile", async ({ name, timezone }, form) => {
  await mutate("UpdateAccount", { name, timezone });
  form.querySelector("[data-done]").hidden = false;
});

document.getElementById("sign-out")?.addEventListener("click", async () => {
  try {
    await mutate("SignOut");
  } finally {
    location.assign("/");
  }
});

const confirming = document.getElementById("confirm-panel");
let postponed; // what waits for the password

function onLogins(selector, act) {
  for (const button of document.querySelectorAll(selector)) {
    button.addEventListener("click", () => attempt(button, act));
  }
}

async function attempt(button, act) {
  const place = document.getElementById("logins-error");
  place.hidden = true;
  button.disabled = true;
  try {
    await act(button);
  } catch (failure) {
    if (!(failure instanceof Failed)) throw failure;
    button.disabled = false;
    if (failure.errors[0].code === "CONFIRMATION_REQUIRED") {
      postponed = () => attempt(button, act);
      confirming.hidden = false;
      confirming.querySelector("input").focus();
    } else {
      place.textContent = failure.message;
      place.hidden = false;
    }
  }
}

handle("confirm", async ({ password }, form) => {
  await mutate("ConfirmPassword", { password });
  confirming.hidden = true;
  form.reset();
  await postponed();
});

onLogins("[data-link]", async (button) => {
  const { address } = await mutate("LinkLogin", { provider: button.dataset.link, returnTo: "/" });
  location.assign(address);
});

onLogins("[data-unlink]", async (button) => {
  await mutate("UnlinkLogin", { id: button.dataset.unlink });
  location.reload();
});
