DROP TABLE practice;
