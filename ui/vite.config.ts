// Builds one bundle for both windows. Everything is a file of its own, so that a strict content policy holds:
// no inline script, no data: fonts, nothing from outside.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), ...(mode === "test" ? [svelteTesting()] : [])],
  base: "./",
  // The province and commune list lives with the other data, outside this folder.
  server: { fs: { allow: [".."] }, port: 5317, strictPort: true },
  build: {
    target: ["safari17", "chrome120"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/fixtures/setup.ts"],
  },
}));
