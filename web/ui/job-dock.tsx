/** At the bottom of every page: what runs, and what ran. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Job } from "../../src/serve/protocol.ts";
import { currentWork } from "../lib/job-view.ts";
import { href } from "../state/base.ts";
import { useJobDetails } from "../state/job-details.ts";
import { jobs, runningJobs } from "../state/store.ts";
import { Ago } from "./basics.tsx";
import { Icon } from "./icons.tsx";
import { JobState, JobTime, workText } from "./job-words.tsx";

const isOpen = signal(false);
const shown = 50;

export function JobDock(): JSX.Element {
  const running = runningJobs.value[0];
  const newest = running ?? jobs.value[0];
  return (
    <section class={isOpen.value ? "dock open" : "dock"} aria-label="Jobs">
      <div class="dock-bar">
        <button
          type="button"
          class="dock-toggle"
          aria-expanded={isOpen.value}
          aria-controls="dock-list"
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          <Icon name={isOpen.value ? "down" : "up"} size={14} />
          <span>Jobs</span>
          {runningJobs.value.length > 0 ? <span class="tab-count live">{runningJobs.value.length}</span> : null}
        </button>
        {newest === undefined ? <span class="faint">Nothing has run yet</span> : <Newest job={newest} />}
      </div>
      {isOpen.value ? <List /> : null}
    </section>
  );
}

// --- internal ---

function Newest({ job }: { readonly job: Job }): JSX.Element {
  return (
    <a class="dock-newest" href={href("jobs", job.id)}>
      <JobState job={job} />
      <strong>{job.title}</strong>
      {job.state === "running" ? <Work id={job.id} /> : null}
      <span class="faint dock-time">
        {job.state === "running" || job.endedAt === undefined ? <JobTime job={job} /> : <Ago at={job.endedAt} />}
      </span>
    </a>
  );
}

function Work({ id }: { readonly id: string }): JSX.Element {
  const details = useJobDetails(id);
  return <span class="faint dock-work">{workText(currentWork(details.value.view))}</span>;
}

function List(): JSX.Element {
  const list = jobs.value.slice(0, shown);
  if (list.length === 0)
    return (
      <p class="dock-list faint" id="dock-list">
        Plans, applies and restarts are listed here.
      </p>
    );
  return (
    <ul class="dock-list" id="dock-list">
      {list.map((job) => (
        <li key={job.id}>
          <a href={href("jobs", job.id)}>
            <JobState job={job} />
            <strong>{job.title}</strong>
            <span class="faint">{job.user}</span>
            <span class="faint number">
              <Ago at={job.startedAt} />
            </span>
            <JobTime job={job} />
          </a>
        </li>
      ))}
    </ul>
  );
}
