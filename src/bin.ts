#!/usr/bin/env node
/** The command: argv in, exit code out. It and `cli/main.ts` are the only places that end the process. */
import { enter } from "./shell/enter.ts";
import { quickShell } from "./shell/quick-shell.ts";

const shell = quickShell(process.argv.slice(2), process.cwd());
if (shell === undefined) await (await import("./cli/main.ts")).main();
else process.exit(await enter(shell.folder, shell.command));
