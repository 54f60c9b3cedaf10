/** Colours, and whether there are any. */
import colors from "picocolors";

export type Colors = ReturnType<typeof colors.createColors>;

/** Without a single escape sequence; what tests and pipes get. */
export const plain: Colors = colors.createColors(false);

/** `--no-color`, `NO_COLOR` (any value but empty, see no-color.org), a dumb terminal or none at all: no colours. `FORCE_COLOR` wins over the missing terminal. */
export function colorsFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  noColor: boolean,
): Colors {
  if (noColor || env["NO_COLOR"]) return plain;
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return colors.createColors(true);
  return stream.isTTY === true && env["TERM"] !== "dumb" ? colors.createColors(true) : plain;
}
