import { defineConfig, type Plugin } from "vite";

/** The built page may load itself and its wasm, and may call any service, because the service is a field of the page. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src http: https:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Adds the policy to the built page only, because the development server injects inline styles. */
function securityPolicy(): Plugin {
  return {
    name: "security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: contentSecurityPolicy },
        injectTo: "head-prepend",
      },
    ],
  };
}

export default defineConfig({
  // Relative, so that the page works at the root of the mock server and below any path.
  base: "./",
  plugins: [securityPolicy()],
  build: { target: "es2022", modulePreload: { polyfill: false } },
});
