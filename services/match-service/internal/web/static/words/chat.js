// The words of rooms, which come with the first of them.

import { addWords } from '../words.js';
import { chatEn } from './chat.en.js';
import { chatKo } from './chat.ko.js';

addWords({ en: chatEn, ko: chatKo });
