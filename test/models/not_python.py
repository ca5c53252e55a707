# idioms: half-typed
PK\x03\x04 )))((( def def def class ::: \\ "unterminated
}}}}} for while if else return yield 'x' """ never closed
