export default defineEventHandler(async (event) => {
  const firstName = (await readFormData(event)).get("firstName");
  await event.context.client.register({ firstName });
  return sendRedirect(event, "/", 303);
});
