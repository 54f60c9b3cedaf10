/** Every verb, in the order help shows them. */
import { apply } from "./commands/apply.ts";
import { build } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { doctor } from "./commands/doctor.ts";
import { exec } from "./commands/exec.ts";
import { history } from "./commands/history.ts";
import { init } from "./commands/init.ts";
import { list } from "./commands/list.ts";
import { logs } from "./commands/logs.ts";
import { options } from "./commands/options.ts";
import { plan } from "./commands/plan.ts";
import { rollback } from "./commands/rollback.ts";
import { synth } from "./commands/synth.ts";
import { types } from "./commands/types.ts";
import { why } from "./commands/why.ts";
import type { Verb } from "./verb.ts";

export const verbs: readonly Verb[] = [
  init,
  doctor,
  check,
  types,
  why,
  options,
  synth,
  build,
  list,
  plan,
  apply,
  rollback,
  history,
  logs,
  exec,
];
