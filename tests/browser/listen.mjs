// @ts-check

/**
 * Lets an HTTP or TCP server listen on a free port of this machine.
 *
 * @param {import("node:net").Server} server
 * @returns {Promise<{ url: string, port: number, close: () => Promise<void> }>} `close` also ends open HTTP connections
 */
export async function listen(server) {
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("the server has no port");
  const { port } = address;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      if ("closeAllConnections" in server && typeof server.closeAllConnections === "function") server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
