/** Recording TypeScript source as a project's own files are: through jiti, with "floe" being this code. */
import { createJiti } from "jiti";
import type { HostDefinition } from "../../src/authoring/definitions.ts";
import { installGuards } from "../../src/authoring/guards.ts";
import * as floe from "../../src/authoring/index.ts";
import { toNixModule } from "../../src/authoring/record.ts";
import type { RecordContext } from "../../src/authoring/recording.ts";
import { guardConditions } from "../../src/config/guard-plugin.ts";
import { printExpr } from "../../src/nixlang/print.ts";

installGuards();
const jiti = createJiti(import.meta.url, {
  fsCache: false,
  moduleCache: false,
  virtualModules: { floe },
  transformOptions: { babel: { plugins: [guardConditions] } },
} as Parameters<typeof createJiti>[1]);

/** The default export of `source`, as if it were the file `/project/hosts/crown.ts`. */
export async function load<T>(source: string): Promise<T> {
  const exports = (await jiti.evalModule(source, { filename: "/project/hosts/crown.ts", ext: ".ts", async: true })) as {
    readonly default: T;
  };
  return exports.default;
}

/** The generated module. */
export async function record(source: string, context: Partial<RecordContext> = {}): Promise<string> {
  const made = await load<HostDefinition>(source);
  const whole: RecordContext = {
    root: "/project",
    outputFile: "nix/hosts/crown.nix",
    exists: () => true,
    moduleFile: () => "nix/modules/web.nix",
    ...context,
  };
  return printExpr(toNixModule(made, whole).expr);
}

/** The value of `x` in a module whose function returns `{ x: CODE }`; the code stands on line 3. */
export async function recordValue(code: string): Promise<string> {
  const text = await record(`import { container, dir, fleet, host, module, nix, sh, shells, text } from "floe";
export default host(({ config, lib, pkgs }: any) => ({ x:
${code}
}));`);
  return text.replace(/^[\s\S]*?_file = "hosts\/crown\.ts";\n\n? *x =\s*/, "").replace(/;\n\}$/, "");
}
