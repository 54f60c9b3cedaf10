// @ts-check
/** Where the time of an apply goes, from the events of `--json`. */

/**
 * From its begin to its end, in milliseconds since the edit.
 * @typedef {{ name: string, from: number, to: number }} PhaseTime
 */

/**
 * @param {readonly string[]} lines of stdout
 * @param {number} begin of the edit, in milliseconds since the epoch
 * @returns {PhaseTime[]} in the order of their begin
 */
export function phasesOf(lines, begin) {
  /** @type {Map<string, number>} */
  const open = new Map();
  /** @type {PhaseTime[]} */
  const phases = [];
  for (const event of lines.flatMap(eventOf)) {
    const name = nameOf(event);
    if (name === undefined) continue;
    if (event.type.endsWith(".start")) open.set(name, event.at - begin);
    else phases.push({ name, from: open.get(name) ?? Number.NaN, to: event.at - begin });
  }
  return phases.sort((a, b) => a.from - b.from || b.to - a.to);
}

// --- internal ---

/** @param {string} line @returns {any[]} */
function eventOf(line) {
  const { kind, event } = JSON.parse(line);
  return kind === "event" ? [event] : [];
}

/** @param {any} event @returns {string | undefined} */
function nameOf(event) {
  if (/^phase\.(start|end)$/.test(event.type)) return event.phase;
  if (/^step\.(start|end)$/.test(event.type)) return `  ${event.step}`;
  if (/^build\.(start|end)$/.test(event.type)) return `  build ${event.name}`;
  return undefined;
}
