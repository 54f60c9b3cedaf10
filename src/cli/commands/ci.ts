import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

const nothing = { kind: "tuple", parameters: [] } as const;

const oneCommit = {
  kind: "tuple",
  parameters: [
    {
      parse: String,
      placeholder: "COMMIT",
      brief: "A branch, a tag or a commit; what it has in common with HEAD is compared with",
    },
  ],
} as const;

export const diff: Verb = {
  name: "diff",
  group: "The project",
  usage: "COMMIT",
  details: [
    "Compares the project on disk with the commit at which it left another branch: which hosts, container images, homes and shells nix would build differently, with the packages and units that change, and which instances are described differently. Nothing is built, no machine and no server is asked.",
    "Packages are compared by closure where both systems are in the store, else by what their derivations declare: then sizes are not known, nor what only other packages need.",
    "With --exit-code: 0 when nothing differs, 3 when something does.",
  ],
  examples: [
    { command: "floe diff main", what: "what this branch changes" },
    { command: "floe diff HEAD", what: "what is not committed yet" },
    { command: "floe diff origin/main --markdown", what: "the same for a pull request" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/ci.ts")).diff,
    parameters: {
      flags: {
        ...globalFlags,
        markdown: { kind: "boolean", default: false, withNegated: false, brief: "Write Markdown, as GitHub shows it" },
        exitCode: { kind: "boolean", default: false, brief: "Exit with 3 when something differs" },
      },
      aliases: globalAliases,
      positional: oneCommit,
    },
    docs: { brief: "What differs from another commit" },
  }),
};

export const ciGithub: Verb = {
  name: "ci github",
  group: "The project",
  usage: "",
  details: [
    "Writes .github/workflows/floe.yml: on pull requests and on the main branch it checks formatting, lint, the generated files, types and evaluation, builds what changed, and says in one comment on the pull request what that means for each machine.",
    "floe synth keeps it current, and floe synth --check says when it is not. A workflow that somebody has changed is theirs: it is never written over.",
    "With --push, what the main branch builds goes to the fleet's binary caches, signed with the key in that secret of the repository.",
  ],
  examples: [
    { command: "floe ci github", what: "write it" },
    { command: "floe ci github --push FLOE_CACHE_KEY", what: "and fill the fleet's cache" },
    { command: "floe ci github --check", what: "write nothing; exit with 1 when it is not current" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/ci.ts")).ciGithub,
    parameters: {
      flags: {
        ...globalFlags,
        branch: {
          kind: "parsed",
          parse: String,
          placeholder: "NAME",
          brief: "The branch that pull requests go to; default: what the remote says",
          optional: true,
        },
        push: {
          kind: "parsed",
          parse: String,
          placeholder: "SECRET",
          brief: "Fill the fleet's caches, with the signing key that this secret holds",
          optional: true,
        },
        flakeFormatter: {
          kind: "boolean",
          brief:
            "Check formatting with the formatter of an existing flake; default: where it has one and the fleet names none",
          optional: true,
        },
        check: { kind: "boolean", default: false, withNegated: false, brief: "Write nothing" },
      },
      aliases: globalAliases,
      positional: nothing,
    },
    docs: { brief: "Write a GitHub workflow" },
  }),
};

export const ciPlan: Verb = {
  name: "ci plan",
  group: "The project",
  usage: "COMMIT",
  details: [
    "For the workflow: writes what floe diff COMMIT finds as Markdown into the job's summary ($GITHUB_STEP_SUMMARY) and hands it on as the step's output plan ($GITHUB_OUTPUT). Elsewhere it prints it.",
  ],
  examples: [{ command: "floe ci plan origin/main", what: "what the comment would say" }],
  command: describeCommand({
    loader: async () => (await import("../actions/ci.ts")).ciPlan,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: oneCommit },
    docs: { brief: "In a workflow: tell what changes" },
  }),
};

export const ciComment: Verb = {
  name: "ci comment",
  group: "The project",
  usage: "",
  details: [
    "For the workflow: puts the text of $PLAN under the pull request, as one comment that is brought up to date each time. Needs $GITHUB_TOKEN with the permission to write pull requests; where it has none, as for a pull request from a fork, the text goes to the job's summary.",
  ],
  examples: [{ command: 'PLAN="$(floe diff origin/main --markdown)" floe ci comment', what: "in a job of your own" }],
  command: describeCommand({
    loader: async () => (await import("../actions/ci.ts")).ciComment,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: nothing },
    docs: { brief: "In a workflow: comment on the pull request" },
  }),
};
