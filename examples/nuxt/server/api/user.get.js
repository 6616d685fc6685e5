/** What the page fetches in the browser. It gets no token. */
export default defineEventHandler(async (event) => {
  const user = await shownUser(event.context.client);
  if (!user) throw createError({ statusCode: 401 });
  return user;
});
