/** Asking the server to do something that takes its time. */
import type { Job } from "../../src/serve/protocol.ts";
import { post, remove } from "../state/api.ts";
import { href } from "../state/base.ts";
import { noteJob, whenDone } from "../state/store.ts";
import { toast, toastError } from "../state/toasts.ts";

/** Begins a job and says in the corner how it ends; undefined: the server would not, which is said too. `body` "delete": with this method. */
export async function startJob(path: string, body: unknown = {}): Promise<Job | undefined> {
  try {
    const job = noteJob(body === "delete" ? await remove<Job>(path) : await post<Job>(path, body));
    void whenDone(job.id).then(tellEnd);
    return job;
  } catch (error) {
    toastError(error);
    return undefined;
  }
}

// --- internal ---

function tellEnd(job: Job): void {
  const link = { href: href("jobs", job.id), label: "Show" };
  if (job.state === "done") toast(`Done: ${job.title}`, { tone: "good", link });
  else if (job.state === "cancelled") toast(`Cancelled: ${job.title}`, { link });
  else toast(job.error?.message ?? `Failed: ${job.title}`, { tone: "bad", link });
}
