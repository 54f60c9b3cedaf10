/** Every verb, in the order help shows them. */
import { adopt } from "./commands/adopt.ts";
import { adoptIncus } from "./commands/adopt-incus.ts";
import { apply } from "./commands/apply.ts";
import { build } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { ciComment, ciGithub, ciPlan, diff } from "./commands/ci.ts";
import { completions } from "./commands/completions.ts";
import { doctor } from "./commands/doctor.ts";
import { exec } from "./commands/exec.ts";
import { fmt, lint } from "./commands/fmt.ts";
import { gc } from "./commands/gc.ts";
import { graph } from "./commands/graph.ts";
import { history } from "./commands/history.ts";
import { hooksInstall, hooksRemove } from "./commands/hooks.ts";
import { imageList, imagePrune } from "./commands/image.ts";
import { init } from "./commands/init.ts";
import { list } from "./commands/list.ts";
import { logs } from "./commands/logs.ts";
import { nightly } from "./commands/nightly.ts";
import { options } from "./commands/options.ts";
import { plan } from "./commands/plan.ts";
import { restart, start, stop } from "./commands/power.ts";
import { remoteAdd, remoteList, remoteRemove } from "./commands/remote.ts";
import { rollback } from "./commands/rollback.ts";
import { serve } from "./commands/serve.ts";
import { serveUnit } from "./commands/serve-unit.ts";
import { shell } from "./commands/shell.ts";
import { shellInit } from "./commands/shell-init.ts";
import { bootHosts, dryActivate, switchHosts, testHosts } from "./commands/switch.ts";
import { synth } from "./commands/synth.ts";
import { types } from "./commands/types.ts";
import { update } from "./commands/update.ts";
import { volumeList } from "./commands/volume.ts";
import { why } from "./commands/why.ts";
import type { Verb } from "./verb.ts";

export const verbs: readonly Verb[] = [
  init,
  adopt,
  adoptIncus,
  doctor,
  completions,
  shellInit,
  check,
  types,
  why,
  options,
  synth,
  build,
  shell,
  fmt,
  lint,
  hooksInstall,
  hooksRemove,
  update,
  ciGithub,
  ciPlan,
  ciComment,
  diff,
  list,
  graph,
  serve,
  plan,
  apply,
  switchHosts,
  bootHosts,
  testHosts,
  dryActivate,
  rollback,
  history,
  gc,
  restart,
  start,
  stop,
  nightly,
  serveUnit,
  logs,
  exec,
  imageList,
  imagePrune,
  volumeList,
  remoteAdd,
  remoteList,
  remoteRemove,
];
