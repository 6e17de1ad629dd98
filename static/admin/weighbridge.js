// What the admin's own pages do beyond plain HTML: copying a token, and sending files one by one with progress.
// Everything here is an addition: without it the same forms work, in one piece and without a progress bar.
"use strict";

(() => {
  const ready = (start) => (document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start());

  function copyButtons() {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.addEventListener("click", async () => {
        const source = document.getElementById(button.dataset.copy);
        try {
          await navigator.clipboard.writeText(source.textContent);
          button.textContent = "Copied";
        } catch {
          // The clipboard needs https or localhost: the text is at least selected then.
          getSelection().selectAllChildren(source);
          button.textContent = "Selected";
        }
      });
    }
    // A page that answers a POST would send it again when it is reloaded.
    const page = document.querySelector("[data-replace-address]");
    if (page) history.replaceState(null, "", page.dataset.replaceAddress);
  }

  function showFieldsOfBackend() {
    const select = document.getElementById("id_backend");
    const groups = document.querySelectorAll("fieldset[class*='wb-backend-']");
    if (!select || !groups.length) return;
    const update = () => {
      for (const group of groups) {
        const hasError = group.querySelector(".errors");
        group.hidden = !group.classList.contains(`wb-backend-${select.value}`) && !hasError;
      }
    };
    select.addEventListener("change", update);
    update();
  }

  // Of the tasks, those that clients know for the architecture that is chosen.
  function offerTasksOfArchitecture() {
    const architecture = document.getElementById("id_architecture");
    const task = document.getElementById("id_task_type");
    if (!architecture || !task || !architecture.dataset.tasks) return;
    const tasks = JSON.parse(architecture.dataset.tasks);
    const update = () => {
      const known = tasks[architecture.value];
      if (!known) return;
      const chosen = known.includes(task.value) ? task.value : known.length === 1 ? known[0] : "";
      task.replaceChildren(task.options[0], ...known.map((name) => new Option(name, name)));
      task.value = chosen;
    };
    architecture.addEventListener("change", update);
    if (!task.value) update();
  }

  function readableSize(bytes) {
    const units = ["bytes", "KB", "MB", "GB"];
    let unit = 0;
    while (bytes >= 1024 && unit < units.length - 1) {
      bytes /= 1024;
      unit += 1;
    }
    return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
  }

  function make(tag, attributes = {}, text = "") {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  }

  // A model_config.json says what a package is. It is read, and is no file of the package.
  const CONFIG_NAME = "model_config.json";

  async function readConfig(file) {
    let config;
    try {
      config = JSON.parse(await file.text());
    } catch {
      config = null;
    }
    return {
      architecture: String(config?.model_architecture ?? ""),
      task: String(config?.task_type ?? ""),
      backend: String(config?.backend_type ?? ""),
    };
  }

  function choose(select, value) {
    if (!select || ![...select.options].some((option) => option.value === value)) return;
    select.value = value;
    select.dispatchEvent(new Event("change"));
  }

  // The form of a new model, filled in from the directory of a package: what it is, and its class names.
  function fillModelFromDirectory() {
    const input = document.getElementById("id_package_directory");
    const architecture = document.getElementById("id_architecture");
    if (!input || !architecture) return;
    input.closest("[data-needs-script]").hidden = false;
    input.addEventListener("change", async () => {
      const files = new Map([...input.files].map((file) => [file.webkitRelativePath.split("/").slice(1).join("/"), file]));
      const said = document.querySelector("[data-said]");
      if (!files.has(CONFIG_NAME)) {
        said.textContent = `There is no ${CONFIG_NAME} in this directory.`;
        return;
      }
      const config = await readConfig(files.get(CONFIG_NAME));
      choose(architecture, config.architecture);
      choose(document.getElementById("id_task_type"), config.task);
      const names = files.get("class_names.txt");
      if (names) document.getElementById("id_class_names").value = await names.text();
      said.textContent = `${CONFIG_NAME} says: ${config.architecture || "?"} for ${config.task || "?"}.`;
    });
  }

  // The files that a drop brings, folders walked, each with its path below what was dropped.
  async function droppedFiles(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => [file.name, file]);
    const found = [];
    const walk = async (entry, path) => {
      if (entry.isFile) {
        found.push([path + entry.name, await new Promise((done, failed) => entry.file(done, failed))]);
        return;
      }
      const reader = entry.createReader();
      for (;;) {
        const batch = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!batch.length) return;
        for (const child of batch) await walk(child, `${path}${entry.name}/`);
      }
    };
    // One folder dropped alone is the package: its own name is not part of the handles.
    if (entries.length === 1 && entries[0].isDirectory) {
      await walk(entries[0], "");
      const prefix = `${entries[0].name}/`;
      return found.map(([path, file]) => [path.startsWith(prefix) ? path.slice(prefix.length) : path, file]);
    }
    for (const entry of entries) await walk(entry, "");
    return found;
  }

  class Uploader {
    constructor(form, drop) {
      this.form = form;
      this.drop = drop;
      this.list = drop.querySelector("[data-queue]");
      this.errors = drop.querySelector("[data-errors]");
      this.queue = [];
      this.config = null; // the model_config.json, if one was chosen
      this.target = null; // addresses of the package, once there is one
      this.busy = false;
      const input = drop.querySelector("input[name=files]");
      input.addEventListener("change", () => {
        this.add([...input.files].map((file) => [file.name, file]));
        input.value = "";
      });
      const folder = drop.querySelector("[webkitdirectory]");
      folder.closest("[data-needs-script]").hidden = false;
      folder.addEventListener("change", () => {
        this.add([...folder.files].map((file) => [file.webkitRelativePath.split("/").slice(1).join("/"), file]));
        folder.value = "";
      });
      drop.addEventListener("dragover", (event) => {
        event.preventDefault();
        drop.classList.add("is-over");
      });
      drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
      drop.addEventListener("drop", async (event) => {
        event.preventDefault();
        drop.classList.remove("is-over");
        this.add(await droppedFiles(event.dataTransfer));
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (!this.busy) this.send();
      });
    }

    add(files) {
      for (const [handle, file] of files) {
        if (handle === CONFIG_NAME) {
          this.takeConfig(file);
          continue;
        }
        const row = make("div", { class: "wb-queued" });
        const name = make("input", { class: "wb-input", type: "text", "aria-label": "Name of the file in the package" });
        name.value = handle;
        const drop = make("button", { class: "wb-button wb-small", type: "button" }, "Leave out");
        const progress = make("progress", { max: Math.max(file.size, 1), value: 0, hidden: "" });
        const result = make("span", { class: "wb-result" });
        row.append(name, make("span", {}, readableSize(file.size)), drop, progress, result);
        const item = { row, name, drop, progress, result, file, done: false };
        drop.addEventListener("click", () => {
          row.remove();
          this.queue = this.queue.filter((other) => other !== item);
        });
        this.queue.push(item);
        this.list.append(row);
      }
    }

    async takeConfig(file) {
      this.config = file;
      const config = await readConfig(file);
      const select = document.getElementById("id_backend");
      if (select?.dataset.names) choose(select, JSON.parse(select.dataset.names)[config.backend] || config.backend);
      const words = [config.architecture, config.task, config.backend].filter(Boolean).join(", ") || "nothing that can be read";
      this.list.append(make("p", { class: "wb-quiet" }, `${CONFIG_NAME} is read and not stored. It says: ${words}.`));
    }

    // Keys that Enter would send are left alone: an upload in progress is not started twice.
    async send() {
      this.busy = true;
      this.errors.replaceChildren();
      try {
        if (!this.target) this.target = await this.createPackage();
        if (!this.target) return;
        for (const item of this.queue) {
          if (!item.done) await this.upload(item);
        }
        if (this.queue.every((item) => item.done)) await this.finish();
        else this.complain("Some files were not taken. Mend their names or leave them out, then send again: the others stay.");
      } catch {
        this.complain("The server could not be reached. Nothing is lost: send again in a moment.");
      } finally {
        this.busy = false;
      }
    }

    // The form of a new package: its fields first, so that a mistake in them is told before any file is sent.
    async createPackage() {
      const { page, inspect } = this.form.dataset;
      if (page) return { page, inspect, files: this.form.action };
      const fields = new FormData(this.form);
      fields.delete("files");
      // The server compares it with what was chosen.
      if (this.config) fields.append("files", this.config, CONFIG_NAME);
      const response = await fetch(location.href, {
        method: "POST", body: fields, headers: { Accept: "application/json" },
      });
      const type = response.headers.get("Content-Type") || "";
      if (!type.startsWith("application/json")) {
        if (response.redirected) location.assign(response.url);
        else this.complain("The server refused the form. Reload the page and try again.");
        return null;
      }
      const answer = await response.json();
      if (response.ok) return answer;
      for (const { field, message } of answer.errors || [{ field: "", message: answer.message }]) {
        this.complain(field ? `${field}: ${message}` : message);
      }
      return null;
    }

    upload(item) {
      const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
      const request = new XMLHttpRequest();
      item.result.textContent = "";
      item.progress.hidden = false;
      return new Promise((done) => {
        request.upload.addEventListener("progress", (event) => {
          item.progress.value = event.loaded;
          item.result.className = "wb-result wb-quiet";
          item.result.textContent = `${Math.floor((100 * event.loaded) / Math.max(event.total, 1))} %`;
        });
        request.addEventListener("loadend", () => {
          let answer = {};
          try {
            answer = JSON.parse(request.responseText);
          } catch {
            answer.message = "The connection was cut.";
          }
          item.done = request.status === 201;
          item.progress.value = item.done ? item.progress.max : 0;
          item.result.className = `wb-result ${item.done ? "wb-good" : "wb-bad"}`;
          item.result.textContent = item.done ? "received" : answer.message || "The server refused the file.";
          item.name.disabled = item.drop.disabled = item.done;
          done();
        });
        request.open("PUT", `${this.target.files}?handle=${encodeURIComponent(item.name.value.trim())}`);
        request.setRequestHeader("Content-Type", "application/octet-stream");
        request.setRequestHeader("X-CSRFToken", token);
        request.send(item.file);
      });
    }

    async finish() {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", this.form.querySelector("[name=csrfmiddlewaretoken]").value);
      // The page that it redirects to is opened by the browser itself, which shows the messages.
      await fetch(this.target.inspect, { method: "POST", body, redirect: "manual" });
      this.form.classList.remove("warn-unsaved-form");
      location.assign(this.target.page);
    }

    complain(sentence) {
      this.errors.append(make("p", { class: "wb-bad" }, sentence));
    }
  }

  function uploads() {
    for (const drop of document.querySelectorAll("[data-drop]")) {
      const form = drop.closest("form");
      // Files that a refused form brought already are sent again by their receipts, in the plain way.
      if (!form.querySelector("[name=receipt]")) new Uploader(form, drop);
    }
  }

  // Fields that nobody has touched get what the page would show now; what was typed stays.
  function freshenFields(fresh) {
    for (const field of document.querySelectorAll("form:not(#upload_form) :is(input, select, textarea)[id]")) {
      const other = fresh.getElementById(field.id);
      if (!other || other.tagName !== field.tagName || field.type === "file" || field.type === "hidden") continue;
      if (field.type === "checkbox") {
        if (field.checked === field.defaultChecked) field.checked = field.defaultChecked = other.defaultChecked;
      } else if (field.tagName === "SELECT") {
        const untouched = [...field.options].every((option) => option.selected === option.defaultSelected);
        if (!untouched) continue;
        field.replaceChildren(...[...other.options].map((option) => option.cloneNode(true)));
      } else if (field.value === field.defaultValue) {
        field.value = field.defaultValue = other.defaultValue;
      }
    }
  }

  // The parts of the page that a job changes, as they are now; the forms stay as they are.
  async function freshenPage(job) {
    const response = await fetch(location.href);
    if (!response.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const section = job.closest("section");
    const next = fresh.getElementById(section.id);
    if (!next) return;
    section.replaceWith(next);
    const found = fresh.getElementById("inspection");
    const shown = document.getElementById("inspection");
    if (shown && !found) shown.remove();
    if (found && shown) shown.replaceWith(found);
    else if (found) document.getElementById("files").after(found);
    freshenFields(fresh);
    watchJobs();
  }

  async function watchJob(job) {
    for (let pause = 300; ; pause = Math.min(1.3 * pause, 3000)) {
      await new Promise((done) => setTimeout(done, pause));
      if (document.hidden) continue;
      let now;
      try {
        const response = await fetch(job.dataset.job, { headers: { Accept: "application/json" } });
        // The login has ended, or the person may not see it any more.
        if (response.redirected || (response.status >= 400 && response.status < 500)) return;
        if (!response.ok) continue;
        now = await response.json();
        if (!now.is_open) return await freshenPage(job);
      } catch {
        continue;
      }
      job.querySelector("[data-job-state]").textContent = now.state;
      job.querySelector("[data-job-message]").textContent = now.message;
      const bar = job.querySelector("[data-job-progress]");
      if (now.progress === null) bar.removeAttribute("value");
      else bar.value = now.progress;
    }
  }

  // How far long work is that this page is about.
  function watchJobs() {
    for (const job of document.querySelectorAll("[data-job]")) watchJob(job);
  }

  // The admin's theme writes the chosen path into a text field beside each file input; ours have none, and it would fail.
  function keepFileInputsPlain() {
    for (const input of document.querySelectorAll(".wb-choose input[type=file]")) input.hasChangeListener = true;
  }

  ready(() => {
    keepFileInputsPlain();
    copyButtons();
    showFieldsOfBackend();
    offerTasksOfArchitecture();
    fillModelFromDirectory();
    uploads();
    watchJobs();
  });
})();
