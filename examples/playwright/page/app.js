// A page without the instance key: users join with the invite code of the instance and stay signed in on this computer.
import { UserServiceClient } from "telematics-user-client";

const { service, instanceId, inviteCode } = Object.fromEntries(new URLSearchParams(location.search));
const client = await UserServiceClient.create({ baseUrl: service, instanceId });

const form = document.querySelector("form");
const tracking = document.querySelector("[name=tracking]");
const status = document.querySelector("[role=status]");

async function show() {
  const { userProfile, userFields } = await client.profile();
  form.hidden = true;
  tracking.disabled = false;
  tracking.checked = userFields.enableTracking;
  status.textContent = `Hello ${userProfile.firstName}`;
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    status.textContent = error.code === "session-expired" ? "Please join again" : `The change failed (${error.code})`;
    form.hidden = client.session !== null;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const firstName = new FormData(form).get("firstName");
  attempt(async () => {
    await client.register({ firstName, instanceInviteCode: inviteCode });
    await show();
  });
});

tracking.addEventListener("change", () =>
  attempt(async () => {
    await client.update({ userFields: { enableTracking: tracking.checked } });
    status.textContent = "Saved";
  }),
);

if (client.session) await attempt(show);
