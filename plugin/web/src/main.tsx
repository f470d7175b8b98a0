/** Where the page begins. */
import { render } from "preact";
import "./styles/index.css";
import { adoptToken, enter } from "./api";
import { complain, connected, loadJobs } from "./app";
import { follow } from "./events";
import { watchWaiting } from "./record/send";
import { refreshRoute } from "./route";
import { App } from "./views/App";

function begin(): void {
  refreshRoute();
  const root = document.getElementById("page");
  if (root) render(<App />, root);
  loadJobs().catch(complain);
  watchWaiting();
  follow((yes) => {
    /* What happened while the stream was away is asked for. */
    if (yes && !connected.value) loadJobs().catch(complain);
    connected.value = yes;
  }).catch(complain);
}

adoptToken();
/* A code that was used already: the token that this window may hold is tried. */
enter().then(begin, begin);
