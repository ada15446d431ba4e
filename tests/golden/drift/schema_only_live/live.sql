create schema inside;
