#!/bin/sh
exec httpd -f -p "$SERVICE_PORT"
