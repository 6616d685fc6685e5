/** @type {import("next").NextConfig} */
export default {
  // Node loads the package, which reads its WebAssembly from its own folder.
  serverExternalPackages: ["telematics-user-client"],
};
