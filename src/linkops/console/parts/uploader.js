// Files on their way to the server: one after the other, each in chunks that the server acknowledges when they are on
// its disk. A lost connection, a pause or a reload cost the unacknowledged part at most: see console/uploads.py.

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

export default {
  template: `
    <div class="uploader" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="dropped">
      <div class="uploader-drop" :class="{'uploader-over': over}">
        <label class="uploader-choose">
          <input ref="input" type="file" :multiple="max_files > 1" @change="chosen" :aria-describedby="'uploader-limits'">
          <span class="uploader-button">{{ words.choose }}</span>
        </label>
        <span class="muted">{{ words.or_drop }}</span>
        <span id="uploader-limits" class="muted uploader-limits">{{ words.limits }}</span>
      </div>
      <p v-if="said" class="danger" role="alert">{{ said }}</p>
      <ul class="uploader-files" :aria-label="words.files">
        <li v-for="item in items" :key="item.key" class="uploader-file">
          <div class="uploader-head">
            <span class="uploader-name">{{ item.name }}</span>
            <span class="muted number" :title="item.size + ' B'">{{ bytes(item.size) }}</span>
            <span class="uploader-state" :class="'chip chip-' + look(item)">{{ words[item.state] }}</span>
            <span class="uploader-actions">
              <button v-if="busy(item)" type="button" @click="pause(item)">{{ words.pause }}</button>
              <button v-if="item.state === 'paused'" type="button" @click="resume(item)">{{ words.resume }}</button>
              <button v-if="item.state === 'failed' && item.file" type="button" @click="resume(item)">{{ words.again }}</button>
              <button type="button" @click="remove(item)" :aria-label="words.remove_one.replace('{name}', item.name)">{{ words.remove }}</button>
            </span>
          </div>
          <div v-if="!['done', 'refused'].includes(item.state)" class="uploader-bar" role="progressbar"
               :aria-label="item.name" aria-valuemin="0" aria-valuemax="100" :aria-valuenow="percent(item)">
            <i :style="{width: percent(item) + '%'}"></i>
          </div>
          <div v-if="!['done', 'refused'].includes(item.state)" class="muted number uploader-figures">{{ figures(item) }}</div>
          <p v-if="item.text" class="uploader-text" :class="item.state === 'waiting' ? 'warning' : 'danger'">{{ item.text }}</p>
          <dl v-if="item.state === 'done'" class="facts uploader-facts">
            <dt>SHA-256</dt>
            <dd><span class="mono">{{ item.sha256 }}</span>
              <span v-if="item.own" class="chip chip-good">{{ words.same }}</span></dd>
            <dt>MD5</dt><dd class="mono">{{ item.md5 }}</dd>
            <template v-if="items.length > 1"><dt>{{ words.told }}</dt>
            <dd><input class="uploader-told" v-model.trim="item.told" maxlength="128" @change="tell"
                       :aria-label="words.told + ': ' + item.name"></dd></template>
          </dl>
        </li>
      </ul>
      <div v-if="others.length" class="uploader-others">
        <p class="section-title">{{ words.others }}</p>
        <ul class="uploader-files">
          <li v-for="other in others" :key="other.id" class="uploader-file">
            <div class="uploader-head">
              <span class="uploader-name">{{ other.file_name }}</span>
              <span class="muted number">{{ words.have.replace('{have}', bytes(other.have_bytes)).replace('{size}', bytes(other.size_bytes)) }}</span>
              <span class="muted">{{ other.finished ? words.is_there : words.choose_again }}</span>
              <span class="uploader-actions">
                <button v-if="other.finished" type="button" @click="use(other)" :aria-label="words.use + ': ' + other.file_name">{{ words.use }}</button>
                <button type="button" @click="forget(other)" :aria-label="words.delete + ': ' + other.file_name">{{ words.delete }}</button>
              </span>
            </div>
          </li>
        </ul>
      </div>
    </div>
  `,
  props: {
    address: String,
    worker: String,
    language: String,
    words: Object,
    suffixes: Array,
    max_bytes: Number,
    max_files: Number,
    problem: String,
  },
  data() {
    return { items: [], others: [], over: false, own_problem: "" };
  },
  computed: {
    said() {
      return this.own_problem || this.problem;
    },
  },
  mounted() {
    this.count = 0;
    this.running = null;
    this.online = () => this.items.filter((item) => item.state === "waiting").forEach((item) => item.wake && item.wake());
    this.leaving = (event) => {
      if (this.items.some(this.busy)) event.preventDefault();
    };
    window.addEventListener("online", this.online);
    window.addEventListener("beforeunload", this.leaving);
    this.look_for_others();
  },
  beforeUnmount() {
    window.removeEventListener("online", this.online);
    window.removeEventListener("beforeunload", this.leaving);
    this.items.forEach((item) => this.stop(item));
  },
  methods: {
    async look_for_others() {
      const answer = await this.ask("GET", "").catch(() => null);
      if (answer && answer.status === 200) {
        const here = new Set(this.items.map((item) => item.id));
        this.others = answer.body.filter((upload) => !here.has(upload.id));
      }
    },
    chosen(event) {
      this.add([...event.target.files]);
      event.target.value = "";
    },
    dropped(event) {
      this.over = false;
      this.add([...event.dataTransfer.files]);
    },
    add(files) {
      this.own_problem = "";
      for (const file of files) {
        if (this.items.length >= this.max_files) {
          this.own_problem = this.words.too_many;
          break;
        }
        if (this.items.some((item) => item.name === file.name && item.state !== "refused")) continue;
        const item = {
          key: ++this.count, name: file.name, told: file.name, size: file.size, file: Object.freeze({ file }),
          id: "", have: 0, sent: 0, speed: 0, own: "", sha256: "", md5: "", state: "queued", text: this.unfit(file),
        };
        if (item.text) item.state = "refused";
        this.items.push(item);
      }
      this.tell();
      this.next();
    },
    unfit(file) {
      if (!this.suffixes.some((suffix) => file.name.endsWith(suffix))) return this.words.bad_suffix;
      if (file.size === 0) return this.words.empty;
      return file.size > this.max_bytes ? this.words.too_large : "";
    },
    next() {
      if (this.running !== null) return;
      const item = this.items.find((each) => each.state === "queued");
      if (!item) return;
      this.running = item.key;
      this.upload(item).catch((error) => this.fail(item, String(error))).finally(() => {
        if (this.running === item.key) this.running = null;
        this.tell();
        this.next();
      });
    },
    async upload(item) {
      const digest = this.digest(item);
      digest.catch(() => null);
      this.enter(item, "uploading");
      const modified = String(item.file.file.lastModified);
      const begun = await this.persist(item, () =>
        this.ask("POST", "", { file_name: item.name, size_bytes: item.size, resume_key: modified }));
      if (!begun) return;
      this.others = this.others.filter((other) => other.id !== begun.id);
      item.id = begun.id;
      item.have = item.sent = begun.have_bytes;
      let last = begun;
      while (!last.finished && item.have < item.size) {
        last = await this.persist(item, () => this.send(item));
        if (!last) return;
        item.have = item.sent = last.have_bytes;
      }
      this.enter(item, "checking");
      const own = await digest;
      if (item.state !== "checking") return;
      const done = last.finished && last.sha256 === own ? last
        : await this.persist(item, () => this.ask("POST", `/${item.id}/finish`, { sha256: own }));
      if (!done) return;
      if (done.sha256 !== own) return this.fail(item, this.words.differs);
      Object.assign(item, { sha256: done.sha256, md5: done.md5, own, have: item.size });
      this.enter(item, "done");
    },
    // Asks until there is an answer; null: it was refused, paused or removed.
    async persist(item, ask) {
      for (let attempt = 0; ; attempt++) {
        const answer = await ask().catch(() => null);
        if (!this.items.includes(item) || item.state === "paused") return null;
        if (answer && answer.status >= 200 && answer.status < 300) {
          if (item.state === "waiting") this.enter(item, "uploading");
          return answer.body;
        }
        if (answer && answer.body && answer.body.params && "have_bytes" in answer.body.params) {
          const have = answer.body.params.have_bytes; // an answer was lost, or the disk was: the server knows
          if (answer.body.code === "upload.incomplete") return this.fail(item, answer.body.text);
          return { id: item.id, have_bytes: have, finished: false };
        }
        if (answer && answer.status === 404 && item.id) {
          return this.fail(item, answer.body.text);
        }
        if (answer && answer.status >= 400 && answer.status < 500 && ![408, 429, 499].includes(answer.status)) {
          return this.fail(item, answer.body ? answer.body.text : this.words.failed_text);
        }
        item.text = (answer && answer.body && answer.body.text) || this.words.no_answer;
        this.enter(item, "waiting", item.text);
        await new Promise((resolve) => {
          item.wake = resolve;
          setTimeout(resolve, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
        });
        if (!this.items.includes(item) || item.state !== "waiting") return null;
      }
    },
    send(item) {
      const from = item.have, part = item.file.file.slice(from, Math.min(item.size, from + CHUNK_BYTES));
      return this.ask("PUT", `/${item.id}?offset=${from}`, part, item, (loaded) => {
        item.sent = from + loaded;
        this.measure(item);
      });
    },
    ask(method, path, body, item, progress) {
      return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open(method, this.address + path);
        if (item) item.request = Object.freeze({ abort: () => request.abort() });
        if (progress) request.upload.onprogress = (event) => progress(event.loaded);
        request.onload = () => {
          let answer = null;
          try {
            answer = JSON.parse(request.responseText);
          } catch (error) { /* a proxy's page */ }
          resolve({ status: request.status, body: answer });
        };
        request.onerror = request.onabort = () => reject(new Error("no answer"));
        if (body === undefined) request.send();
        else if (body instanceof Blob) request.send(body);
        else {
          request.setRequestHeader("Content-Type", "application/json");
          request.send(JSON.stringify(body));
        }
      });
    },
    digest(item) {
      if (item.digest) return item.digest.promise;
      const promise = new Promise((resolve, reject) => {
        const worker = new Worker(this.worker);
        worker.onmessage = (message) => {
          const { sha256, failed } = message.data;
          if (sha256 === undefined && failed === undefined) return;
          worker.terminate();
          if (failed === undefined) resolve(sha256);
          else reject(new Error(this.words.unreadable));
        };
        worker.onerror = () => reject(new Error(this.words.unreadable));
        worker.postMessage({ file: item.file.file });
      });
      item.digest = Object.freeze({ promise });
      return promise;
    },
    measure(item) {
      const now = performance.now();
      const since = item.since || { at: now, sent: item.sent };
      if (now - since.at > 500) {
        const speed = ((item.sent - since.sent) / (now - since.at)) * 1000;
        item.speed = item.speed ? item.speed * 0.7 + speed * 0.3 : speed;
        item.since = { at: now, sent: item.sent };
      } else if (!item.since) item.since = since;
    },
    pause(item) {
      const queued = item.state === "queued";
      this.enter(item, "paused");
      if (!queued) this.stop(item);
    },
    resume(item) {
      this.enter(item, "queued");
      this.next();
    },
    stop(item) {
      if (item.request) item.request.abort();
      if (item.wake) item.wake();
      item.since = null;
      item.speed = 0;
    },
    async remove(item) {
      this.items = this.items.filter((each) => each !== item);
      this.stop(item);
      this.tell();
      if (item.id) await this.ask("DELETE", `/${item.id}`).catch(() => null);
    },
    async forget(other) {
      this.others = this.others.filter((each) => each !== other);
      await this.ask("DELETE", `/${other.id}`).catch(() => null);
    },
    use(other) {
      if (this.items.length >= this.max_files) {
        this.own_problem = this.words.too_many;
        return;
      }
      this.others = this.others.filter((each) => each !== other);
      this.items.push({
        key: ++this.count, name: other.file_name, told: other.file_name, size: other.size_bytes, file: null,
        id: other.id, have: other.size_bytes, sent: other.size_bytes, speed: 0, own: "", sha256: other.sha256,
        md5: other.md5, state: "done", text: "",
      });
      this.tell();
    },
    fail(item, text) {
      this.enter(item, "failed", text);
      return null;
    },
    enter(item, state, text = "") {
      item.state = state;
      item.text = text;
      this.tell();
    },
    tell() {
      const told = this.items.filter((item) => item.state !== "refused").map(({ id, name, told, size, state }) => ({ id, name, told, size, state }));
      const text = JSON.stringify(told);
      if (text !== this.told_last) this.$emit("files", told);
      this.told_last = text;
    },
    busy(item) {
      return ["queued", "uploading", "waiting"].includes(item.state);
    },
    look(item) {
      return { queued: "idle", uploading: "run", waiting: "wait", paused: "wait", checking: "run", done: "good", failed: "bad", refused: "bad" }[item.state];
    },
    percent(item) {
      return Math.floor((100 * item.sent) / item.size);
    },
    figures(item) {
      const parts = [this.words.have.replace("{have}", this.bytes(item.sent)).replace("{size}", this.bytes(item.size))];
      if (item.state === "uploading" && item.speed > 0) {
        parts.push(this.words.speed.replace("{speed}", this.bytes(item.speed)));
        parts.push(this.words.left.replace("{time}", this.lasting((item.size - item.sent) / item.speed)));
      }
      return parts.join(" · ");
    },
    bytes(count) {
      const units = ["B", "KB", "MB", "GB"];
      let unit = 0;
      while (count >= 1024 && unit < units.length - 1) {
        count /= 1024;
        unit += 1;
      }
      const digits = unit === 0 || count >= 100 ? 0 : 1;
      const shown = count.toLocaleString(this.language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
      return `${shown} ${units[unit]}`;
    },
    lasting(seconds) {
      const [count, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
      const whole = Math.max(1, Math.ceil(count));
      return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "long" }).format(whole);
    },
  },
};
