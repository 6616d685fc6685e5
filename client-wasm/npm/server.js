export { UserServiceError } from "./errors.js";
export { createSignInMiddleware } from "./server/express.js";
export { createSignInHandler } from "./server/handler.js";
