/** What completion has to do with the start of every command. */

/** The verb that is asked; it is in no help. */
export const completionVerb = "__complete";

export const shells = ["bash", "zsh", "fish"] as const;
export type ShellName = (typeof shells)[number];
