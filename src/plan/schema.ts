/** What a server says of its own config keys and device options, and an instance held against it. Pure. */
import type { Problem } from "../model/plan.ts";
import { nearest } from "../util/nearest.ts";
import type { DesiredInstance } from "./desired.ts";

/** One key. A name may end with `*`. */
export interface KeyRule {
  readonly type?: string;
  /** The kind of instance that it is for, in Incus' words: `container`, `unprivileged container`, `virtual machine`. */
  readonly condition?: string;
}

type KeyRules = Readonly<Record<string, KeyRule>>;

export interface ConfigSchema {
  /** Config keys of instances. */
  readonly instance: KeyRules;
  /** Options by the type of the device; types that the server does not tell of are absent. */
  readonly devices: Readonly<Record<string, KeyRules>>;
}

/** The part that counts of what `GET /1.0/metadata/configuration` answers (Incus 6.0). */
export function readSchema(answer: unknown): ConfigSchema {
  const { configs = {} } = (answer ?? {}) as { readonly configs?: RawConfigs };
  const devices = Object.entries(configs["devices"] ?? {}).flatMap(([group, { keys }]) =>
    typesOf(group).map((type) => [type, rulesOf(keys)] as const),
  );
  const groups = [...Object.values(configs["instance"] ?? {}), ...Object.values(configs["kernel"] ?? {})];
  return { instance: rulesOf(groups.flatMap(({ keys }) => keys)), devices: Object.fromEntries(devices) };
}

/** An instance, or a profile of one. */
export type Checked = Pick<DesiredInstance, "name" | "server" | "config" | "devices" | "type">;

/** Nothing is said without a schema, nor of what it does not tell of. */
export function checkSchema(desired: Checked, schema: ConfigSchema | undefined): Problem[] {
  if (schema === undefined) return [];
  return [...configProblems(desired, schema), ...deviceProblems(desired, schema)];
}

// --- internal ---

interface RawGroup {
  readonly keys: readonly Readonly<Record<string, KeyRule>>[];
}
type RawConfigs = Readonly<Record<string, Readonly<Record<string, RawGroup>>>>;

/** One chapter of the reference may be about two types. */
function typesOf(group: string): string[] {
  return group === "unix-char-block" ? ["unix-char", "unix-block"] : [group.replaceAll("_", "-")];
}

function rulesOf(keys: RawGroup["keys"]): KeyRules {
  const rules = keys.flatMap((entry) =>
    Object.entries(entry).map(([key, { type, condition }]): [string, KeyRule] => [
      key,
      { ...(type === undefined ? {} : { type }), ...(condition === undefined ? {} : { condition }) },
    ]),
  );
  return Object.fromEntries(rules);
}

function configProblems(desired: Checked, { instance }: ConfigSchema): Problem[] {
  if (Object.keys(instance).length === 0) return [];
  const problems = Object.entries(desired.config).map(([key, value]): Problem | undefined => {
    const rule = ruleOf(key, instance);
    const place = { subject: `instance ${desired.name}`, keys: ["config", key] };
    // The kernel's limits are whatever the kernel knows.
    if (rule === undefined && !key.startsWith("limits.kernel."))
      return { ...place, ...unknown("config key", key, instance, `The server "${desired.server}" has no such key`) };
    const other = otherKind(rule, desired.type);
    if (other !== undefined)
      return { ...place, message: `The config key "${key}" is for a ${other}, and "${desired.name}" is none` };
    return wrongType(`The config key "${key}"`, value, rule, place);
  });
  return problems.filter((problem) => problem !== undefined);
}

function deviceProblems(desired: Checked, { devices }: ConfigSchema): Problem[] {
  return Object.entries(desired.devices).flatMap(([name, { type = "", ...options }]) => {
    const rules = devices[type];
    if (rules === undefined) return [];
    const hint = `The server "${desired.server}" has no such option for devices of type "${type}"`;
    const of = ` of the device "${name}"`;
    const problems = Object.entries(options).map(([key, value]): Problem | undefined => {
      const rule = ruleOf(key, rules);
      const place = { subject: `instance ${desired.name}`, keys: ["devices", name, key] };
      if (rule === undefined && !key.startsWith("user."))
        return { ...place, ...unknown("option", key, rules, hint, of) };
      return wrongType(`The option "${key}"${of}`, value, rule, place);
    });
    return problems.filter((problem) => problem !== undefined);
  });
}

function wrongType(
  what: string,
  value: string,
  rule: KeyRule | undefined,
  place: Pick<Problem, "subject" | "keys">,
): Problem | undefined {
  if (isOfType(value, rule?.type)) return undefined;
  return { ...place, message: `${what} must be ${typeWords(rule?.type)}, not "${value}"` };
}

/** `what` is a config key, or the option of a device. */
function unknown(what: string, key: string, rules: KeyRules, hint: string, of = ""): Pick<Problem, "message" | "hint"> {
  const names = Object.keys(rules).filter((name) => !name.endsWith("*"));
  const suggestion = nearest(key, names);
  const message = `Unknown ${what} "${key}"${of}`;
  return { message: suggestion === undefined ? message : `${message}; did you mean "${suggestion}"?`, hint };
}

function ruleOf(key: string, rules: KeyRules): KeyRule | undefined {
  if (Object.hasOwn(rules, key)) return rules[key];
  const family = Object.keys(rules).find((name) => name.endsWith("*") && key.startsWith(name.slice(0, -1)));
  return family === undefined ? undefined : rules[family];
}

/** The other kind of instance, where the key is for that alone. */
function otherKind(rule: KeyRule | undefined, type: DesiredInstance["type"]): string | undefined {
  const condition = rule?.condition ?? "";
  if (type === "container") return condition === "virtual machine" ? condition : undefined;
  return condition.endsWith("container") ? "container" : undefined;
}

/** As Incus parses them: https://github.com/lxc/incus/blob/v6.0.4/shared/util/util.go (IsTrue, IsFalse). */
const booleans = /^(?:true|1|yes|on|false|0|no|off)$/i;

function isOfType(value: string, type: string | undefined): boolean {
  if (value === "") return true;
  if (type === "bool") return booleans.test(value);
  return type === "integer" || type === "int" ? /^-?\d+$/.test(value) : true;
}

function typeWords(type: string | undefined): string {
  return type === "bool" ? "true or false" : "a whole number";
}
