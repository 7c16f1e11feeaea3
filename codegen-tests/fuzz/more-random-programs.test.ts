/** The second half of the random programs of every run: two files, so that two workers share them. */
import { fourVariants, isShort, testPrograms } from './random-programs.ts';

testPrograms(500_000, 50, fourVariants, isShort);
