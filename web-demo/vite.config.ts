import { defineConfig, type Plugin } from "vite";

/** What the built page may load: itself, its wasm, and any service the person at the page names. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src http: https:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Puts the policy into the built page only: the development server injects inline styles. */
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
  // The wasm is found relative to the module that loads it: bundling it beforehand would move one without the other.
  optimizeDeps: { exclude: ["telematics-user-client"] },
});
