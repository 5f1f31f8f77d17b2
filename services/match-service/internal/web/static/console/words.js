// The console's words, which the page itself does not load.

import { addWords } from '../words.js';
import { consoleEn } from '../words/console.en.js';
import { consoleKo } from '../words/console.ko.js';

addWords({ en: consoleEn, ko: consoleKo });
