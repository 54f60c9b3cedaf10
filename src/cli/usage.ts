/** What stricli says about a command line, in floe's words and as a UsageError. */
import { ArgumentScannerError, formatMessageForArgumentScannerError, text_en } from "@stricli/core";
import { type FloeError, UsageError } from "../errors.ts";
import { kebab } from "./argv.ts";

type Text = typeof text_en;

/**
 * Texts that throw instead of answering a text: stricli prints and swallows errors, floe renders them itself and decides
 * the exit code.
 */
export const throwingText: Text = {
  ...text_en,
  noCommandRegisteredForInput: ({ input, corrections }) => {
    throw new UsageError(`There is no verb "${input}"`, {
      hint: suggestion(corrections.map(unquote), "floe --help lists them"),
    });
  },
  exceptionWhileParsingArguments: (error) => {
    throw error instanceof ArgumentScannerError ? toUsageError(error) : error;
  },
  exceptionWhileLoadingCommandFunction: rethrow,
  exceptionWhileLoadingCommandContext: rethrow,
  exceptionWhileRunningCommand: rethrow,
  commandErrorResult: rethrow,
};

function rethrow(error: unknown): never {
  throw error;
}

function toUsageError(error: ArgumentScannerError): FloeError {
  let usage = new UsageError(error.message);
  const say = (message: string, hint?: string): string => {
    usage = new UsageError(message, { hint });
    return message;
  };
  formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      say(
        `There is no flag "--${input}"`,
        suggestion(
          corrections.map((name) => `--${kebab(name)}`),
          "--help lists the flags",
        ),
      ),
    AliasNotFoundError: ({ input }) =>
      say(`There is no flag "-${input}"`, "--help lists the flags; put -- before words that only look like flags"),
    EnumValidationError: ({ externalFlagName, input, values }) =>
      say(`The value of --${kebab(externalFlagName)} is wrong: "${input}" is not ${values.join(" or ")}`),
    UnsatisfiedFlagError: ({ externalFlagName }) => say(`The flag --${kebab(externalFlagName)} needs a value`),
    UnexpectedFlagError: ({ externalFlagName }) => say(`The flag --${kebab(externalFlagName)} is given twice`),
    UnexpectedPositionalError: ({ input, expectedCount }) =>
      say(
        `The argument "${input}" is too much`,
        expectedCount === 0
          ? "This verb takes flags only"
          : `This verb takes ${expectedCount === 1 ? "one argument" : `${expectedCount} arguments`}`,
      ),
    UnsatisfiedPositionalError: ({ placeholder }) =>
      say(`The argument ${placeholder} is missing`, "--help shows an example"),
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, input, exception }) => {
      const flag = `--${kebab(externalFlagNameOrPlaceholder)}`;
      // What our own parsers throw says what a value has to be.
      return say(
        exception instanceof SyntaxError
          ? `The value of ${flag} is wrong: ${exception.message}`
          : `"${input}" is not a value for ${flag}`,
      );
    },
    InvalidNegatedFlagSyntaxError: ({ externalFlagName }) => say(`The flag --${externalFlagName} takes no value`),
  });
  return usage;
}

function suggestion(candidates: readonly string[], otherwise: string): string {
  return candidates.length === 0 ? otherwise : `Did you mean ${candidates.join(" or ")}?`;
}

function unquote(text: string): string {
  return text.replaceAll("`", "");
}
