export { UserServiceClient } from "./client.js";
export { UserServiceError } from "./errors.js";
export { setWasm } from "./loading.js";
export { refresh, register, update } from "./stateless.js";
