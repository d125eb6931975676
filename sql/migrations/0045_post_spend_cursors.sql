-- Nobody reads it since spend_readings took its rows over (0033).
DROP TABLE spend_cursors;
