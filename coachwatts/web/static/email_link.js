import { handle } from "./forms.js";
import { mutate } from "./graphql.js";

const MUTATIONS = {
  VERIFY_EMAIL: "VerifyEmail",
  RESET_PASSWORD: "ResetPassword",
  CHANGE_EMAIL: "ConfirmEmailChange",
  KEEP_EMAIL: "UndoEmailChange",
  UNLOCK_ACCOUNT: "UnlockAccount",
};

const { purpose, token } = document.getElementById("email-link").dataset;

handle("open-link", async ({ password }) => {
  const payload = await mutate(MUTATIONS[purpose], password === undefined ? { token } : { token, password });
  if (payload.link) {
    document.getElementById("mailed").hidden = true;
    document.getElementById("onward").hidden = false;
    document.querySelector("#onward a").href = payload.link;
  }
  document.getElementById("ask").hidden = true;
  document.getElementById("done").hidden = false;
  document.querySelector("#done h1").focus();
});
