// @ts-check
/** How set-up speaks: one line a step on stderr, and errors that end the run with one clear message. */

/** What stands in the way of set-up, with what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} [hint]
   */
  constructor(message, hint) {
    super(message);
    this.name = "SetupError";
    this.hint = hint;
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a script's main function; its number is the exit code. Expected errors are printed without a stack.
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`\nError: ${error.message}`);
    if (error.hint) say(`  ${error.hint.replaceAll("\n", "\n  ")}`);
    process.exitCode = 1;
  }
}
