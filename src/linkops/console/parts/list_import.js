// A list of devices on its way to the server, which answers one JSON object a line as it works: console/device_files.py.

const SHOWN = 200;

export default {
  template: `
    <div class="list-import" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="dropped">
      <div class="list-import-drop" :class="{'list-import-over': over}">
        <label class="list-import-choose">
          <input type="file" accept=".csv,.txt,text/csv,text/plain" :disabled="busy" @change="chosen">
          <span class="list-import-button">{{ words.choose }}</span>
        </label>
        <span class="muted">{{ words.or_drop }}</span>
        <span class="muted">{{ words.limits }}</span>
      </div>
      <p v-if="problem" class="danger" role="alert">{{ problem }}</p>
      <div v-if="state" role="status">
        <p><span class="list-import-name">{{ name }}</span> · <span class="number">{{ said }}</span></p>
        <progress v-if="busy" :max="100" :value="state === 'sending' ? percent : undefined" :aria-label="said"></progress>
      </div>
      <div v-if="!busy && (made || refused)" class="list-import-files">
        <p v-if="made" class="warning">{{ words.keep }}</p>
        <a v-if="made" class="list-import-button" :href="secrets_file" :download="'devices-' + product_key + '.csv'">{{ words.secrets }}</a>
        <a v-if="refused" class="list-import-button" :href="refused_file" :download="'refused-' + product_key + '.csv'">{{ words.refused }}</a>
      </div>
      <table v-if="problems.length" class="list-import-table">
        <thead><tr><th scope="col" class="number">{{ words.line }}</th><th scope="col">{{ words.name }}</th><th scope="col">{{ words.reason }}</th></tr></thead>
        <tbody><tr v-for="one in problems" :key="one.line"><td class="number">{{ one.line }}</td><td class="mono">{{ one.device_name }}</td><td>{{ one.message }}</td></tr></tbody>
      </table>
      <p v-if="refused > problems.length" class="muted">{{ fill(words.more, {count: refused - problems.length}) }}</p>
    </div>
  `,
  props: { address: String, product_key: String, language: String, words: Object, max_bytes: Number },
  data() {
    return { over: false, state: "", name: "", percent: 0, made: 0, refused: 0, problem: "", problems: [], secrets_file: "", refused_file: "" };
  },
  computed: {
    busy() {
      return this.state === "sending" || this.state === "working";
    },
    said() {
      if (this.state === "sending") return this.fill(this.words.sending, { percent: this.percent });
      if (this.state === "done" && !this.made && !this.refused) return this.problem ? "" : this.words.nothing;
      return this.fill(this.state === "working" ? this.words.working : this.words.done, { made: this.made, refused: this.refused });
    },
  },
  mounted() {
    this.leaving = (event) => {
      if (this.busy) event.preventDefault();
    };
    window.addEventListener("beforeunload", this.leaving);
  },
  beforeUnmount() {
    window.removeEventListener("beforeunload", this.leaving);
    if (this.request) this.request.abort();
    this.forget();
  },
  methods: {
    fill(text, values) {
      return text.replace(/{(\w+)}/g, (_, name) => values[name].toLocaleString(this.language));
    },
    chosen(event) {
      const [file] = event.target.files;
      event.target.value = "";
      if (file) this.send(file);
    },
    dropped(event) {
      this.over = false;
      const [file] = event.dataTransfer.files;
      if (file && !this.busy) this.send(file);
    },
    send(file) {
      this.forget();
      Object.assign(this, { name: file.name, percent: 0, made: 0, refused: 0, problem: "", problems: [] });
      this.secrets = ["product_key,device_name,device_secret\n"];
      this.lines = ["line,device_name,reason\n"];
      if (file.size > this.max_bytes) {
        this.state = "";
        this.problem = this.words.too_large;
        return;
      }
      this.state = "sending";
      const request = (this.request = new XMLHttpRequest());
      let read = 0;
      const take = () => {
        const text = request.responseText;
        const end = text.lastIndexOf("\n") + 1;
        if (request.status === 200 && end > read) this.take(text.slice(read, end).split("\n"));
        read = Math.max(read, end);
      };
      request.open("POST", this.address);
      request.setRequestHeader("Content-Type", "text/csv");
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) this.percent = Math.floor((100 * event.loaded) / event.total);
      };
      request.upload.onload = () => (this.state = "working");
      request.onprogress = take;
      request.onload = () => {
        take();
        if (request.status !== 200) this.problem = this.reason(request);
        this.finish();
      };
      request.onerror = () => {
        this.problem = this.words.lost;
        this.finish();
      };
      request.send(file);
    },
    take(lines) {
      for (const line of lines) {
        if (!line) continue;
        const result = JSON.parse(line);
        if (result.code) {
          this.refused += 1;
          this.lines.push([result.line, cell(result.device_name), cell(result.message)].join(",") + "\n");
          if (this.problems.length < SHOWN) this.problems.push(result);
        } else {
          this.made += 1;
          this.secrets.push([this.product_key, result.device_name, result.device_secret].join(",") + "\n");
        }
      }
    },
    reason(request) {
      try {
        return JSON.parse(request.responseText).text;
      } catch {
        return `${request.status} ${request.statusText}`;
      }
    },
    finish() {
      this.state = "done";
      this.secrets_file = URL.createObjectURL(new Blob(this.secrets, { type: "text/csv" }));
      this.refused_file = URL.createObjectURL(new Blob(this.lines, { type: "text/csv" }));
      this.secrets = this.lines = [];
    },
    forget() {
      for (const file of [this.secrets_file, this.refused_file]) if (file) URL.revokeObjectURL(file);
      this.secrets_file = this.refused_file = "";
    },
  },
};

// A cell of somebody's text: quoted, and no formula to a spreadsheet.
function cell(text) {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
