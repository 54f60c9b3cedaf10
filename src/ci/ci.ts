/** What a forge's machine does with a fleet: the workflow that says so, and the comparison with the branch that it goes to. */
export { comment, handOn } from "./comment.ts";
export { refreshWorkflow, workflowOf, writeWorkflow } from "./github.ts";
