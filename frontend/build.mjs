// Builds the page into the folder that the wheel ships: one script, one style sheet with its fonts.
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

await build({
  absWorkingDir: here,
  entryPoints: { page: "src/main.tsx" },
  outdir: process.argv[2] ?? join(here, "../src/cartridge/review/page"),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "inline", // the licences of what is bundled travel with it
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".woff2": "dataurl" },
  logLevel: "warning",
});
