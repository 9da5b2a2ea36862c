// Tells how far the work is while it goes on; a job that ends brings the page as it is then.
"use strict";
const lines = document.querySelectorAll("#jobs .told-job");
async function look() {
  const answer = await fetch("/jobs").catch(() => null);
  const jobs = answer?.ok ? (await answer.json()).jobs : [];
  let going = false;
  jobs.forEach((job, i) => {
    const line = lines[i];
    if (!line) return;
    if (line.textContent !== job.told) line.textContent = job.told;
    const form = line.parentElement.querySelector("form");
    if (form && !job.goes_on) location.reload();
    going ||= job.goes_on;
  });
  if (going) setTimeout(look, 1000);
}
if (lines.length) look();
