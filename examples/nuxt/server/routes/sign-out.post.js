export default defineEventHandler(async (event) => {
  await event.context.client.signOut();
  return sendRedirect(event, "/", 303);
});
