import "@/ui/base.css";

import { render } from "preact";

import { App } from "@/app/App";
import { startClient } from "@/app/start";
import { language } from "@/lib/i18n";
import { keepInstallOffer } from "@/lib/install";
import { startRouter } from "@/lib/router";
import { readTelegram } from "@/lib/telegram";

const root = document.getElementById("app");
if (root === null) throw new Error("The shell page has no #app.");

document.documentElement.lang = language.value;
keepInstallOffer();
readTelegram();
startRouter();
void startClient();
// The shell page holds a "loading" line for the time before this script.
root.replaceChildren();
render(<App />, root);
